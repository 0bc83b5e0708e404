import { computed } from 'vue';
import type { Role } from '../../../manager/shared/role.js';
import type { Rpc } from './use-rpc.js';

/** The signed-in person and the person's rights, for display only, because the server checks every call. */
export function useMe({ me }: Pick<Rpc, 'me'>) {
  const role = computed<Role>(() => me.answer?.role ?? 'viewer');
  return {
    id: computed(() => me.answer?.id ?? null),
    name: computed(() => me.answer?.name ?? ''),
    role,
    /** False if the person has no role; then the server refuses all other calls. */
    mayLook: computed(() => me.answer?.role !== null),
    mayOperate: computed(() => role.value !== 'viewer'),
    isAdministrator: computed(() => role.value === 'administrator'),
    /** Whether our own login guards the dashboard. False until the first answer. */
    hasLogin: computed(() => me.answer?.hasLogin ?? false),
    /** False if the dashboard does not know who the person is, and until the first answer. */
    isSignedIn: computed(() => me.answer?.isSignedIn ?? false),
    /** Where the person's own password is changed; null without our login. */
    password: computed(() => me.answer?.password ?? null),
    isKnown: computed(() => me.answer !== undefined),
  };
}
