// Small helps on every page. Each one only adds to what works without it.
import { enhanceSearch } from "./search.js";
import { enhanceLocate } from "./locate.js";
import { enhanceActions } from "./actions.js";
import { enhanceGrid } from "./grid.js";
import { enhanceWatch } from "./watch.js";
import { watchJob } from "./job.js";

for (const form of document.querySelectorAll("[data-search]")) {
  enhanceSearch(form);
  enhanceLocate(form);
}
enhanceActions(document);
for (const table of document.querySelectorAll("[data-grid]")) enhanceGrid(table);
enhanceWatch(document.querySelector("[data-watch]"));
for (const element of document.querySelectorAll("[data-job]")) watchJob(element);
