import type { en } from "./en";

/** The same keys and parameters with any words. */
export type Words<T> = T extends string
  ? string
  : T extends readonly string[]
    ? readonly string[]
    : T extends (parameters: infer P) => string
      ? (parameters: P) => string
      : { readonly [K in keyof T]: Words<T[K]> };

/** Every text of the app.  Each language has this very type, so a missing or surplus text does not compile. */
export type Catalogue = Words<typeof en>;
