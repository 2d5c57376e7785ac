// The pages work without this script. It adds buttons that copy, and confirms nothing: what is final has a page of its own.
"use strict";

function offerCopies(root) {
  for (const source of root.querySelectorAll("[data-copy]:not([data-copy-ready])")) {
    source.setAttribute("data-copy-ready", "");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", "Copy " + source.getAttribute("data-copy"));
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(source.textContent.trim());
        button.textContent = "Copied";
      } catch (refused) {
        // Without TLS there is no clipboard: select the text, so that the keyboard can copy it.
        getSelection().selectAllChildren(source);
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    source.after(button);
  }
}

document.addEventListener("DOMContentLoaded", () => {
  offerCopies(document);
  // On a phone the current page may be beyond the edge of the navigation.
  document.querySelector("nav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
});
document.addEventListener("htmx:load", (event) => offerCopies(event.target));
