import { type Command, Option } from 'commander';
import { amount, atLeastOne, type Cli, json, port } from './options.js';

/** Adds the commands about the service and its models. */
export function addServiceCommands(program: Command, { console, end }: Cli): void {
  const models = program
    .command('models')
    .description('show the models, or what one of them takes and costs')
    .argument('[id]', 'such as kling-3.0/pro')
    .addOption(besideList())
    .addOption(json())
    .action(async (id, flags) => {
      end(await (await import('../commands/service/models.js')).showModels(id, flags, console));
    });

  models
    .command('add')
    .description('copy a model of RunComfy’s catalog to models/')
    .argument('<id>', 'its catalog id, such as kling/kling-2.6/pro/image-to-video')
    .addOption(besideList())
    .action(async (id, _flags, command) => {
      // Both commands have the option, and either may be given it.
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
    .description('serve RunComfy’s Model API here, and render animatics')
    .option('--port <n>', 'listen on this port; 0 is any', port, 8787)
    .option('--folder <folder>', 'keep requests and clips in this folder', 'emulator')
    .option('--concurrency <n>', 'render n at a time (default: one per core)', atLeastOne)
    .option('--token <token>', 'accept only this token')
    .option('--rate <n>', 'accept at most n submissions a minute', atLeastOne)
    .option('--queued <seconds>', 'keep each request in the queue at least this long', amount)
    .option('--rendering <seconds>', 'render each request at least this long', amount)
    .option('--balance <usd>', 'begin with this balance, which submissions use up', amount)
    .option('--faults <spec>', 'misbehave, such as seed=7,lost-answer=0.1,429=0.05')
    .action(async (flags) => {
      end(await (await import('../commands/service/emulate.js')).emulate(flags, console));
    });
}

function besideList(): Option {
  return new Option('--list <list>', 'use models/ beside this list, not in the current folder');
}
