// What a person does reaches the server in one row of numbered events, for all components: as the state of the box,
// which stands on every page. A trigger is lost where the same component's next one comes before the server has looked,
// or another page is opened; the box's state goes with every request, and the server takes what it has not had.
const MOST = 32; // events
const AGE = 10000; // ms

const row = () => (window.shiciPost ??= { number: 0, events: [], send: () => {} });

/** The component, with setTriggerValue as the way into the row. name: the key of its `mount`. */
export function posted(name, component) {
  return (given) => component({
    ...given,
    setTriggerValue: (trigger, event) => {
      const [post, now] = [row(), performance.now()];
      post.number += 1;
      post.events = [...post.events.filter(({ at }) => now - at < AGE), { number: post.number, at: now, name, event }].slice(-MOST);
      post.send(post.events);
    },
  });
}

/** From now on the row goes by `send`. */
export function carried(send) {
  row().send = send;
}
