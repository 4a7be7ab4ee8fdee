// The box in which the events of all components go to the server; nothing of it is seen.
import { carried } from "./post.js";

export default function ({ setStateValue }) {
  carried((events) => setStateValue("posts", events));
}
