import type { PauseReason } from '../../../manager/jobs/job.js';
import { t } from './translate.js';

/** Why a job is paused, in few words. The choices of a text have no hyphen in their names. */
export function pauseInWords(reason: PauseReason): string {
  return t('pausedFor', { reason: reason.replaceAll('-', '_') });
}
