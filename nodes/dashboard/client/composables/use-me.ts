import { computed } from 'vue';
import type { Role } from '../../../manager/shared/role.js';
import type { Asking } from './use-rpc.js';

/** Who looks, and what that person may do. The server decides; this only says it beforehand. */
export function useMe({ follow }: Asking) {
  const me = follow('people.me', () => ({}));
  const role = computed<Role>(() => me.answer?.role ?? 'viewer');
  return {
    id: computed(() => me.answer?.id ?? null),
    name: computed(() => me.answer?.name ?? ''),
    role,
    /** False: the server answers nothing else. */
    mayLook: computed(() => me.answer?.role !== null),
    mayOperate: computed(() => role.value !== 'viewer'),
    isAdministrator: computed(() => role.value === 'administrator'),
    /** False until it is known, and where the dashboard has no login of ours. */
    hasLogin: computed(() => me.answer?.hasLogin ?? false),
    /** False: nobody knows who it is. */
    isSignedIn: computed(() => me.answer?.isSignedIn ?? false),
    /** Where the own password is changed; null where there is none. */
    password: computed(() => me.answer?.password ?? null),
    isKnown: computed(() => me.answer !== undefined),
  };
}
