import { mayAct, type Role } from '../manager/shared/role.js';
import { TIMELINE_KINDS, type TimelineKind } from '../manager/timeline/timeline-kinds.js';

/** Who changed what is told to those who may read the audit log. */
const OPERATORS_ONLY: readonly TimelineKind[] = ['edit'];

/** What of a timeline somebody may see, of the kinds that are asked for. */
export function visibleKinds(
  role: Role | null,
  asked: readonly TimelineKind[] = TIMELINE_KINDS,
): TimelineKind[] {
  return asked.filter((kind) => !OPERATORS_ONLY.includes(kind) || mayAct(role, 'operator'));
}
