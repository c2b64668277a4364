var plain = "$0 \\1";
