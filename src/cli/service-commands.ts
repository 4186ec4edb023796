import { type Command, Option } from 'commander';
import type { Cli } from './cli.js';
import { amount, atLeastOne, port } from './flag-values.js';

/** Adds what is about the service and its models. */
export function addServiceCommands(program: Command, { console, end }: Cli): void {
  const models = program
    .command('models')
    .description('show the models, or what one of them takes and costs')
    .argument('[id]', 'such as kling-3.0/pro')
    .addOption(besideList())
    .option('--json', 'as JSON')
    .action(async (id, flags) => {
      end(await (await import('../commands/service/models.js')).showModels(id, flags, console));
    });

  models
    .command('add')
    .description('take a model of RunComfy’s catalog into models/ beside the list')
    .argument('<id>', 'its id in the catalog, such as kling/kling-2.6/pro/image-to-video')
    .addOption(besideList())
    .action(async (id, _flags, command) => {
      // Either command may be given the list: both have the option.
      const flags = command.optsWithGlobals();
      end(await (await import('../commands/service/add-model.js')).addModel(id, flags, console));
    });

  program
    .command('login')
    .description('store a RunComfy API token for this user')
    .action(async () => {
      end(await (await import('../commands/service/login.js')).login(console));
    });

  program
    .command('emulate')
    .description('serve RunComfy’s Model API on this machine, rendering animatics')
    .option('--port <n>', 'port to listen on; 0 for any', port, 8787)
    .option('--folder <folder>', 'where its requests and clips are kept', 'emulator')
    .option('--concurrency <n>', 'renders at a time (default: one per core)', atLeastOne)
    .option('--token <token>', 'accept only this token')
    .option('--rate <n>', 'submissions accepted in a minute', atLeastOne)
    .option('--queued <seconds>', 'time every request spends in the queue at least', amount)
    .option('--rendering <seconds>', 'time every render takes at least', amount)
    .option('--faults <spec>', 'misbehave, such as seed=7,lost-answer=0.1,429=0.05')
    .action(async (flags) => {
      end(await (await import('../commands/service/emulate.js')).emulate(flags, console));
    });
}

function besideList(): Option {
  return new Option(
    '--list <list>',
    'the shot list beside which there is models/ (default: the current folder)',
  );
}
