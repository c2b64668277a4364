export const words = "größer $1 \\2";
