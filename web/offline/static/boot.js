// The start of the phone's program: its words first, then everything that says any.

import { page } from "../../static/js/page.js";

const LANGUAGES = ["zh", "en"];
let language = "zh";
try {
  language = LANGUAGES.includes(localStorage.getItem("gisgrid-lang")) ? localStorage.getItem("gisgrid-lang") : "zh";
} catch {
  // a browser that keeps nothing says it in Chinese
}
document.documentElement.lang = language === "zh" ? "zh-CN" : language;
const words = await (await fetch(`/m/words/${language}.json`)).json();
Object.assign(page, words);
const { start } = await import("./app.js");
start();
