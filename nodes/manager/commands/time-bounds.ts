/** How long a command may wait for its answer, ms. */
export const TIMEOUT_BOUNDS_MS = { least: 1000, most: 3_600_000 };
/** How long a command may wait for a gateway that is offline, ms. */
export const QUEUE_BOUNDS_MS = { least: 1000, most: 604_800_000 };
/** How long installing one package may take, ms. */
export const INSTALL_BOUNDS_MS = { least: 1000, most: 86_400_000 };
