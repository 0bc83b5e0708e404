import type { OperationSet } from '../../catalogue/operation-set.js';
import { highest, type Rating } from '../../catalogue/risk.js';
import { riskOfRequest } from '../../catalogue/risk-of-request.js';
import { TpeError } from '../../shared/tpe-error.js';
import { type JobRequest, ratingBeforeFilled } from './check-job-request.js';
import type { JobStep } from './definition.js';
import { refusalReason } from './refusal-reasons.js';

/** Rates the steps of a job by the catalogue as it is now. Throws NOT_FOUND for an operation that is not in it any more. */
export function rateSteps(steps: readonly JobStep[], catalogue: OperationSet): Rating {
  return highest(steps.flatMap((step) => ratingsOf(step, catalogue)));
}

/** What an installation may do: it is disruptive, and has the classes of the requests by which it is made. */
export function installRating(catalogue: OperationSet): Rating {
  const requests = [
    { method: 'POST', path: '/upgrades', requestBody: {} },
    { method: 'PUT', path: '/upgrades/1/start', requestBody: {} },
  ];
  const { classes } = highest(requests.map((request) => riskOfRequest(catalogue, request)));
  return highest([{ risk: 'disruptive', classes }]);
}

function ratingsOf(step: JobStep, catalogue: OperationSet): Rating[] {
  return step.kind === 'install'
    ? [installRating(catalogue)]
    : requestsOf(step).map((request) => ratingNow(request, catalogue));
}

/** The requests of a step: its command, and what it reads. */
export function requestsOf(step: JobStep): JobRequest[] {
  if (step.kind === 'command') return step.verify === null ? [step.command] : [step.command, step.verify];
  return step.kind === 'readUntil' ? [step.condition] : [];
}

function ratingNow(request: JobRequest, catalogue: OperationSet): Rating {
  const { operation } = request;
  if (operation === undefined || catalogue.get(operation) !== null)
    return ratingBeforeFilled(request, catalogue);
  throw new TpeError('NOT_FOUND', refusalReason('unfit-operation-gone', { operation }), {
    field: 'operation',
  });
}
