// What a person does reaches the server as the component's state: the last events of all components of the page, in one
// row and numbered. A trigger would be lost where another click follows before the server has looked; a state goes with
// every request until the next one, and the server takes from the row what it has not had, in its order.
const MOST = 32; // events
const AGE = 10000; // ms

/** The component, with setTriggerValue as the way into the row. name: the key of its `mount`. */
export function posted(name, component) {
  const post = (window.shiciPost ??= { number: 0, events: [] });
  return (given) => component({
    ...given,
    setTriggerValue: (trigger, event) => {
      const now = performance.now();
      post.number += 1;
      post.events = [...post.events.filter(({ at }) => now - at < AGE), { number: post.number, at: now, name, event }].slice(-MOST);
      given.setStateValue("posts", post.events);
    },
  });
}
