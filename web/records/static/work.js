// Today's work, and for who sees more than the own: what is late in which grid, and visits that wait for a step.

import { startFrame } from "../../static/js/frame.js";
import { _ } from "../../static/js/i18n.js";
import { showOverdue } from "./overdue.js";
import { showWork } from "./today/worklist.js";
import { showVisits } from "./visits.js";

startFrame();
const overdue = document.getElementById("overdue");
if (overdue) showOverdue(overdue);
const unfinished = document.getElementById("visits");
if (unfinished) showVisits(unfinished);
showWork(document.getElementById("work"), {
  count: document.getElementById("work-count"),
  near: document.getElementById("work-near"),
  none: overdue ? _("没有。每项任务都有人负责。") : _("今天没有要做的。"),
});
