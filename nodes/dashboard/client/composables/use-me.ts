import { computed } from 'vue';
import type { Role } from '../../../manager/shared/role.js';
import type { Rpc } from './use-rpc.js';

/** The signed-in person and the person's rights. The server decides; this is for display only. */
export function useMe({ subscribe }: Rpc) {
  const me = subscribe('people.me', () => ({}));
  const role = computed<Role>(() => me.answer?.role ?? 'viewer');
  return {
    id: computed(() => me.answer?.id ?? null),
    name: computed(() => me.answer?.name ?? ''),
    role,
    /** False: the server refuses all other calls. */
    mayLook: computed(() => me.answer?.role !== null),
    mayOperate: computed(() => role.value !== 'viewer'),
    isAdministrator: computed(() => role.value === 'administrator'),
    /** False until it is known, and where the dashboard has no login of ours. */
    hasLogin: computed(() => me.answer?.hasLogin ?? false),
    /** False: the person is unknown. */
    isSignedIn: computed(() => me.answer?.isSignedIn ?? false),
    /** Where the own password is changed; null where there is none. */
    password: computed(() => me.answer?.password ?? null),
    isKnown: computed(() => me.answer !== undefined),
  };
}
