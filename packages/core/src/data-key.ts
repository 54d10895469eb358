/**
 * What names a channel: a counter-like object (`fullname`), an axis-like object (`name`), a full name, a short name,
 * or a pattern with `*` and `?`.
 */
export type DataKey = string | { readonly fullname: string } | { readonly name: string };
