// What a finger or a button of the mouse is down on: nothing, a component, a link to another page, or anything else.
const [OURS, LINK, ELSE] = [1, 2, 3];
const [LOOK, PATIENCE, TAP] = [50, 3000, 300]; // ms
let down = 0;

const among = (event, is) => event.composedPath().some((node) => node.matches?.(is));
addEventListener("pointerdown", (event) => { down = among(event, ".shici") ? OURS : among(event, "a[href]") ? LINK : ELSE; }, true);
for (const type of ["pointerup", "pointercancel"]) {
  addEventListener(type, () => {
    if (down === LINK) setTimeout(() => { down = down === LINK ? 0 : down; }, TAP); // a finger's focus moves when it has left
    else down = 0;
  }, true);
}

/** `done()` now, if nothing is harmed by it. What is pressed in a component is not to be drawn away: then as soon as it
 *  is lifted, just before its click. A page that is turned to is not to be called back by a request from the old one,
 *  which Streamlit sends a moment late: then once it is there. */
export function onceLifted(done) {
  if (down === OURS) {
    const lifted = () => {
      for (const type of ["pointerup", "pointercancel"]) removeEventListener(type, lifted, true);
      done();
    };
    for (const type of ["pointerup", "pointercancel"]) addEventListener(type, lifted, true);
  } else if (down === LINK) {
    const [from, began] = [location.pathname, performance.now()];
    const looking = setInterval(() => {
      if (location.pathname === from && performance.now() - began < PATIENCE) return;
      clearInterval(looking);
      done();
    }, LOOK);
  } else done();
}
