/** Names of the simulcast encodings, low to high (RFC 8851): a quarter, a half and the full size of a large capture. */
export const RIDS = ["q", "h", "f"] as const;
