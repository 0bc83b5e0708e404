import { ref } from 'vue';
import type { Reason } from '../../../manager/shared/reason.js';
import { reasonOf } from './refused-call.js';

/** Runs actions of the person, and tells whether one is in progress and why the last one failed. */
export function useAction() {
  const fault = ref<Reason | null>(null);
  const isBusy = ref(false);

  /** Runs the action. Resolves with undefined if it fails; the reason is then in `fault`. */
  async function run<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    fault.value = null;
    isBusy.value = true;
    try {
      return await work();
    } catch (error) {
      fault.value = reasonOf(error);
      return undefined;
    } finally {
      isBusy.value = false;
    }
  }

  return { fault, isBusy, run };
}
