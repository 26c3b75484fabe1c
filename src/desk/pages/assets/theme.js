// Runs before the page is drawn, so that a chosen theme does not flash. Without a choice the system decides.
"use strict";
try {
  const chosen = localStorage.getItem("offhook.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // A browser that keeps nothing still shows the page.
}
