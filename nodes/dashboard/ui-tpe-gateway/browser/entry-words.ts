import type { CommandState } from '../../../manager/commands/command.js';
import type { ExecutionState } from '../../../manager/jobs/execution.js';
import type { TimelineEntry } from '../../../manager/timeline/timeline.js';
import type { InstallationState } from '../../../manager/updates/install/installation.js';
import { nameOf } from './names.js';
import { t } from './translate.js';

/** A state that a chip shows. */
export type State = CommandState | InstallationState | ExecutionState;

/** What somebody changed, in a sentence. */
export function editInWords({ what, changed, who }: TimelineEntry): string {
  const action = what.split('.').at(-1) ?? what;
  const fields = changed.map((field) => t('fieldName', { field })).join(', ');
  return t('editAction', { action, who: nameOf(who ?? ''), fields });
}
