// Small helps on every page. Each one only adds to what works without it.
import { enhanceSearch } from "./search.js";
import { enhanceLocate } from "./locate.js";
import { enhanceActions } from "./actions.js";

for (const form of document.querySelectorAll("[data-search]")) {
  enhanceSearch(form);
  enhanceLocate(form);
}
enhanceActions(document);
