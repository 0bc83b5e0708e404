/** In the faults of a scan, what stands in place of the model for gateways that have not told theirs. */
export const NO_MODEL = '(no model)';
