// Runs every test that needs no more than Node and git.
import { runTests } from './run-tests.mjs';

process.exit(runTests(process.argv.slice(2)).status);
