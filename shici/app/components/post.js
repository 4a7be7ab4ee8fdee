// What a person does reaches the server in one row of numbered events, for all components: as the state of the box,
// which stands on every page. A trigger is lost where the same component's next one comes before the server has looked,
// or another page is opened; the box's state goes with every request, and the server takes what it has not had.
// While a character is being composed nothing is sent, and the component in which it is composed is not drawn anew.
import { letGo, onceComposed } from "./ime.js";

const MOST = 32; // events
const AGE = 10000; // ms since an event went out first

const row = () => (window.shiciPost ??= { number: 0, events: [], send: () => {} });

/** The component, with setTriggerValue as the way into the row. name: the key of its `mount`. */
export function posted(name, component) {
  const ends = new WeakMap(); // how each one that is shown is ended
  const setTriggerValue = (trigger, event) => {
    const [post, now] = [row(), performance.now()];
    post.number += 1;
    post.events = [...post.events.filter(({ at }) => at === null || now - at < AGE), { number: post.number, at: null, name, event }].slice(-MOST);
    onceComposed(post, () => dispatch(post));
  };
  return (given) => {
    const place = given.parentElement;
    onceComposed(place, () => ends.set(place, component({ ...given, setTriggerValue })), place);
    return () => {
      letGo(place);
      ends.get(place)?.();
    };
  };
}

function dispatch(post) {
  const now = performance.now();
  post.events = post.events.map((event) => ({ ...event, at: event.at ?? now }));
  post.send(post.events);
}

/** From now on the row goes by `send`. */
export function carried(send) {
  row().send = send;
}
