import { computed, ref, watch } from 'vue';
import { MOST_READ } from '../../../manager/catalogue/present-values.js';
import { hasCondition } from '../../../manager/registry/device-filter.js';
import { afterPause } from '../../client/composables/settled.js';
import { useRpc } from '../../client/composables/use-rpc.js';
import { idsIn } from './client-ids.js';
import type { JobDraft } from './job-draft.js';

/** Some targets of a job, whose present values its form shows. For a filter, those that are online come first: only they answer. */
export function useTargetsRead(draft: () => JobDraft) {
  const { call } = useRpc();
  const found = ref<string[]>([]);
  const named = computed(() => {
    const { who, ids, file } = draft();
    if (who === 'ids') return idsIn(ids).slice(0, MOST_READ);
    return who === 'file' ? (file?.ids ?? []).slice(0, MOST_READ) : null;
  });
  const filter = computed(() => {
    const { who, filter: given } = draft();
    if (who === 'all') return {};
    return who === 'filter' && hasCondition(given) ? { ...given } : null;
  });
  let asked = 0;

  async function search() {
    asked += 1;
    const own = asked;
    const given = filter.value;
    if (given === null) return;
    const page = await call('gateways.page', { status: 'online', ...given, limit: MOST_READ }).catch(
      () => null,
    );
    if (own === asked) found.value = (page?.items ?? []).map(({ clientid }) => clientid);
  }

  const pause = afterPause(search);
  watch(
    () => JSON.stringify(filter.value),
    () => {
      found.value = [];
      pause.ask();
    },
    { immediate: true },
  );
  return computed(() => named.value ?? found.value);
}
