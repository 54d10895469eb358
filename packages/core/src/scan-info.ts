/** What scan_info may hold. Integral numbers travel as integers, except where a key is known to be a float. */
export type InfoValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | readonly InfoValue[]
  | { readonly [key: string]: InfoValue };

/**
 * The description of a scan, with the key names of BLISS 1.11 (`title`, `npoints`, `count_time`, `acquisition_chain`,
 * …), because clients of every language read it by these names.
 *
 * @see `docs/reference/scan-info.md`
 */
export type ScanInfo = { readonly [key: string]: InfoValue };
