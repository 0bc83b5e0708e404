import { TPE_OPERATIONS } from './operation-set.js';
import { type GivenOperation, type ResolvedRequest, resolveRequest } from './validation/resolve-request.js';

/**
 * Whether a request restarts the gateway, or the application that holds its MQTT connection, as soon as the gateway takes it. It does where
 * its operation says so, and where the pack says so of such a request: a description by users can add this, and never take it away. Never throws.
 */
export function restartsGateway({ operation, method, path, requestBody }: ResolvedRequest): boolean {
  return operation?.restarts === true || restartsAsPacked({ method, path, requestBody });
}

/** The same by the pack's operations alone. A request that fits none of those at its path is taken for any of them. */
export function restartsAsPacked(request: Pick<GivenOperation, 'method' | 'path' | 'requestBody'>): boolean {
  const { method, path } = request;
  if (typeof method !== 'string' || typeof path !== 'string') return false;
  const { operation } = resolveRequest(TPE_OPERATIONS, request);
  if (operation !== null) return operation.restarts;
  return TPE_OPERATIONS.findAll(method.trim(), path.trim()).some(({ restarts }) => restarts);
}
