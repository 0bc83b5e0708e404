/** The places from which people have signed in. */
export interface KnownPlaces {
  has(person: string, place: string): boolean;
  add(person: string, place: string): void;
}

/** Creates the memory of places. It keeps so many people and so many places of each; beyond that, it forgets the least recent. */
export function createKnownPlaces(most: { people: number; places: number }): KnownPlaces {
  const people = new Map<string, Set<string>>();

  return {
    has: (person, place) => people.get(person)?.has(place) ?? false,
    add(person, place) {
      const places = people.get(person) ?? new Set();
      moveToEnd(places, place, (key) => places.add(key));
      moveToEnd(people, person, (key) => people.set(key, places));
      dropOldest(places, most.places);
      dropOldest(people, most.people);
    },
  };
}

function moveToEnd(keys: { delete(key: string): unknown }, key: string, add: (key: string) => unknown): void {
  keys.delete(key);
  add(key);
}

function dropOldest(
  keys: { readonly size: number; keys(): Iterator<string>; delete(key: string): unknown },
  most: number,
): void {
  const oldest = keys.keys().next();
  if (keys.size > most && !oldest.done) keys.delete(oldest.value);
}
