/** Where a Redis server listens, as BLISS clients are told. */
export type RedisLocation = { readonly host: string; readonly port: number } | { readonly path: string };
