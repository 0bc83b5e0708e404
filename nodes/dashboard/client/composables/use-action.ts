import { ref } from 'vue';

/** Something that a person does: whether it is under way, and what went wrong, for that person. */
export function useDeed() {
  const fault = ref<string | null>(null);
  const isBusy = ref(false);

  /** Does it; resolves with undefined when it went wrong. */
  async function run<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    fault.value = null;
    isBusy.value = true;
    try {
      return await work();
    } catch (error) {
      fault.value = (error as Error).message;
      return undefined;
    } finally {
      isBusy.value = false;
    }
  }

  return { fault, isBusy, run };
}
