// What codes of the workflow of cases are called.

import { wordOf } from "../../static/js/words.js";

const ENDED = ["closed", "rated", "rejected", "void"];

export const stateWord = wordOf("case_states");
export const stepWord = wordOf("case_events");
export const channelWord = wordOf("feedback_channels");
export const kindWord = wordOf("supervision");
export const taskWord = wordOf("task_states");
export const resolutionWord = wordOf("resolutions");

/** Whether a case has come to its end. */
export function hasEnded(state) {
  return ENDED.includes(state);
}
