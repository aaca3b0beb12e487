/* What the pages gain from a script: a running countdown, focus after a swap, one submit per form, a word when the line is dead,
   a signature that waits for the end of its text, other tabs that leave when the tablet is handed over.
   Everything works without it. Loaded with `defer`; asks nothing of the CSP but 'self'. */
"use strict";

/* 1. Hold countdown: <span data-seconds-left="600" data-say-5="…" data-say-2="…" data-say-1="…" data-say-0="…">10:00</span>
   The server sends seconds left, never a clock time, so a wrong clock on the phone does no harm. */

const ends = new WeakMap(); // countdown element → the moment (ms) at which it reaches zero
const shown = new WeakMap(); // countdown element → the seconds last shown, to speak when a mark is passed
const MARKS = [0, 1, 2, 5]; // minutes that are spoken, the most urgent first

const speaker = document.createElement("div");
speaker.className = "visually-hidden";
speaker.setAttribute("aria-live", "polite");

function clock(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
}

function secondsLeft(element) {
  if (!ends.has(element)) ends.set(element, Date.now() + Number(element.dataset.secondsLeft) * 1000);
  return Math.max(0, Math.ceil((ends.get(element) - Date.now()) / 1000));
}

function speak(element, before, now) {
  const passed = MARKS.find((minutes) => before > minutes * 60 && now <= minutes * 60);
  const words = element.getAttribute(`data-say-${passed}`);
  if (words) speaker.textContent = words;
}

function tick() {
  if (!speaker.isConnected) document.body.append(speaker); // a swap of the whole body takes it away
  for (const element of document.querySelectorAll("[data-seconds-left]")) {
    const seconds = secondsLeft(element);
    element.textContent = clock(seconds);
    speak(element, shown.get(element) ?? seconds, seconds);
    shown.set(element, seconds);
  }
}

tick();
setInterval(tick, 1000);

/* 2. After a swap: start new countdowns at once and put the focus where the server marked it. */

function focusMarked(root) {
  const marked = root.matches("[data-focus]") ? root : root.querySelector("[data-focus]");
  if (!marked) return;
  marked.focus();
  if (document.activeElement === marked) return;
  marked.tabIndex = -1; // a heading or a notice takes focus only when told that it may
  marked.focus();
}

document.querySelector(".error-summary")?.focus(); // a whole page that came back with errors

document.addEventListener("htmx:afterSettle", (event) => {
  tick();
  if (event.target instanceof Element) focusMarked(event.target); // htmx settles text nodes too
});

/* 3. form[data-once]: a second click sends nothing. Given back when the page returns from the history, or htmx is done. */

const stopped = new Set(); // the buttons that we disabled, and no others

function stop(form) {
  for (const button of form.elements) {
    if (button.type !== "submit" || button.disabled) continue;
    button.disabled = true;
    stopped.add(button);
  }
}

function release() {
  for (const button of stopped) button.disabled = false;
  stopped.clear();
}

document.addEventListener("submit", (event) => {
  // Later, because a button that is disabled now would not be sent with the form.
  if (event.target.matches("form[data-once]")) setTimeout(stop, 0, event.target);
});
window.addEventListener("pageshow", release);
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.closest("form[data-once]")) release(); // not for the page's other requests
});

/* 4. No answer at all: show the page's own message, and take it back once the line is there again. */

function lost(isLost) {
  const message = document.getElementById("connection-lost");
  if (message) message.hidden = !isLost;
}

for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, () => lost(true));
document.addEventListener("htmx:afterOnLoad", () => lost(false));

/* 5. A click on a zone of the face ticks its box in the list, and leaves the page where it is. */

document.addEventListener("click", (event) => {
  const box = event.target instanceof Element && event.target.closest(".face-spot")?.control;
  if (!box) return;
  event.preventDefault(); // the browser would also lead the eye away, to the box
  box.checked = !box.checked;
});

/* 6. form[data-after]: its button waits until the element with that id, the end of a text, was on the screen. */

function openAtTheEnd(form) {
  const end = document.getElementById(form.dataset.after);
  if (!end) return;
  const buttons = form.querySelectorAll("[type=submit]");
  for (const button of buttons) button.disabled = true;
  const watch = new IntersectionObserver((seen) => {
    if (!seen.some((entry) => entry.isIntersecting)) return;
    for (const button of buttons) button.disabled = false;
    watch.disconnect();
  });
  watch.observe(end);
}

document.querySelectorAll("form[data-after]").forEach(openAtTheEnd);

/* 7. body.handed-over: the tablet is in a patient's hands. What other tabs show is asked for anew, and so leads here too. */

if (document.body.matches(".staff, .handed-over")) {
  const tabs = new BroadcastChannel("handed-over");
  if (document.body.matches(".handed-over")) tabs.postMessage("");
  else tabs.onmessage = () => location.replace(location.pathname + location.search);
}
