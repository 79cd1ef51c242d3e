#!/bin/bash
#SBATCH --job-name=seeds
#SBATCH --array=0-4
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=8
#SBATCH --time=12:00:00
#SBATCH --output=%x-%A-%a.log

# Five runs that know nothing of each other, each with a seed of its own. Submitted again, those that were cut off go on.
seed=$SLURM_ARRAY_TASK_ID
run=runs/cifar10-resnet20-$seed
if [ -e "$run/recipe.json" ]; then
  npx resnet train --resume "$run"
else
  npx resnet train cifar10 --data cifar10 --seed "$seed" --out "$run"
fi
