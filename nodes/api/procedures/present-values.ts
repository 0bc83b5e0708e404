import { MOST_READ } from '../../manager/catalogue/present-values.js';
import { resolveRequest } from '../../manager/catalogue/validation/resolve-request.js';
import { sentenceOfFaults } from '../../manager/catalogue/validation/told-faults.js';
import { hasEnded } from '../../manager/commands/command.js';
import type { Reason } from '../../manager/shared/reason.js';
import { asTpeError, TpeError } from '../../manager/shared/tpe-error.js';
import { callReason } from '../call-reasons.js';
import { defineProcedure } from '../procedure.js';
import { withEachGateway } from './each-gateway.js';

const clientidsRead = {
  type: 'array',
  items: { type: 'string', maxLength: 200 },
  minItems: 1,
  maxItems: MOST_READ,
} as const;

/** How long a gateway may take to answer, ms; and to get its turn, if it is busy. A person waits for it before a form. */
const TIMEOUT_MS = 15_000;
const QUEUE_FOR_MS = 5000;

/** What one gateway answered. */
export interface PresentAnswer {
  clientid: string;
  /** Its site, by which a person knows it; "" for none, or for a gateway that is not registered. */
  site: string;
  /** The payload of the answer; null if there is none. */
  payload: unknown;
  /** Why there is none. */
  fault: Reason | null;
}

/** The procedure for what a form shows of gateways before a person changes it. */
export const PRESENT_VALUE_PROCEDURES = {
  /**
   * Reads from a few gateways by a GET of the catalogue, and resolves when all have answered or their time is over. Each is recorded as a
   * command of the person. Rejects with INVALID_INPUT for an operation that does more than read, and for parameters that do not fit it.
   */
  'commands.read': defineProcedure({
    role: 'operator',
    input: {
      type: 'object',
      properties: {
        operation: { type: 'string', maxLength: 200 },
        params: {
          type: 'object',
          additionalProperties: { type: ['string', 'number'], maxLength: 1000 },
          maxProperties: 10,
        },
        clientids: clientidsRead,
      },
      required: ['operation', 'params', 'clientids'],
      additionalProperties: false,
    },
    async handler({ catalogue, commands, registry }, { operation: id, params, clientids }, caller) {
      const { operation, faults } = resolveRequest(catalogue, { operation: id, params });
      if (operation === null)
        throw new TpeError('NOT_FOUND', callReason('operation-unknown', { operation: id }));
      if (operation.method !== 'GET' || operation.risk !== 'read')
        throw new TpeError('INVALID_INPUT', callReason('operation-not-reading', { operation: id }));
      if (faults[0] !== undefined)
        throw new TpeError('INVALID_INPUT', sentenceOfFaults([faults[0]]), { faults });
      return await withEachGateway([...new Set(clientids)], async (clientid): Promise<PresentAnswer> => {
        try {
          const gateway = await registry.get(clientid);
          const site = gateway?.site ?? '';
          const { requestId } = await commands.submit({
            ...{ clientid, operation: id, params, timeoutMs: TIMEOUT_MS, queueForMs: QUEUE_FOR_MS },
            requestedBy: caller.requestedBy,
          });
          const record = await commands.waitFor(requestId, TIMEOUT_MS + QUEUE_FOR_MS);
          const isThere = record?.state === 'SUCCEEDED' && record.answer !== null;
          if (isThere) return { clientid, site, payload: record.answer!.payload, fault: null };
          const { reason = null, cause = null } = record ?? {};
          const isLate = record === null || !hasEnded(record.state);
          const fault = isLate || reason === null ? callReason('not-read') : { text: reason, cause };
          return { clientid, site, payload: null, fault };
        } catch (error) {
          return { clientid, site: '', payload: null, fault: asTpeError(error).reason };
        }
      });
    },
  }),
} as const;
