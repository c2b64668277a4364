import { words } from "cw/words"; document.title = words;
