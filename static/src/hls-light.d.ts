/** The light build has no types of its own; it is the same but for what we do not use. */
declare module "hls.js/light" {
  export { default, Events } from "hls.js";
}
