import { delimiter, join, resolve } from 'node:path';

/** A training that takes seconds. The last of two equal flags counts, so these follow the document's. */
const TINY = '--steps 2 --milestones 1 --batch-size 16 --validate-every 2 --checkpoint-every 1 --hold-out 10';

/** Commands that this test is a part of, or that must not run beside it: CI runs them. */
const DONE = ['ci', 'test', 'run build'];

/**
 * The commands that documents type, as far as they are not run as they stand: trainings are cut to a few iterations, data sets that would be
 * downloaded are small ones in the reader's folder, and npm installs from its cache where it can.
 *
 * @param modules The `node_modules` that the reader has.
 */
export const standIns = (modules: string): Record<string, string> => ({
  npx: '#!/bin/sh\nexec "$@"\n',
  resnet: `#!/bin/sh
case "$*" in
  *--resume*|*--dry-run*|*--help*) ;;
  train*--weights*) set -- "$@" ${TINY.replace('--milestones 1 ', '')} ;;
  train*) set -- "$@" ${TINY} ;;
esac
exec "${process.execPath}" "${resolve(modules, '@resnet/cli/bin/resnet.js')}" "$@"
`,
  npm: `#!/bin/sh
root="${resolve('.')}"
command="$*"
case "$command" in
  ${DONE.map((words) => `"${words}"`).join('|')}) ;;
  "install "*)
    PATH="\${PATH#*${delimiter}}"
    exec npm "$@" --prefer-offline --ignore-scripts --no-audit --no-fund --loglevel=error ;;
  "start -w "*)
    PATH="\${PATH#*${delimiter}}"
    cd "$root"
    exec npm "$@" ;;
  "run quickstart")
    exec node "$root/examples/cifar10/quickstart.js" --steps 2 --batch 8 --out "$PWD/quickstart" ;;
  "run reproduce -- "*)
    shift 3
    for word; do shift; case "$word" in --download) set -- "$@" --data cifar10.tar.gz ;; *) set -- "$@" "$word" ;; esac; done
    INIT_CWD="$PWD" exec node "$root/examples/cifar10/reproduce.js" "$@" --models resnet8 --steps 2 --out "$PWD/reproduction-$$" ;;
  "run bench -- "*)
    shift 3
    exec node "$root/bench/suite.mjs" start-up --rounds 1 --no-save "$@" ;;
  *)
    echo "npm $command: has no stand-in. Add one to ${join('tools', 'documentation', 'stand-ins.ts')}." >&2
    exit 1 ;;
esac
`,
});
