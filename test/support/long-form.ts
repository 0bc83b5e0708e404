// Required by mocha for `npm run test:hostile` and `npm run test:faults`: the same tests, with many more inputs and rounds.
process.env.HOSTILE_RUNS ??= '1000';
process.env.FAULT_ROUNDS ??= '60';
