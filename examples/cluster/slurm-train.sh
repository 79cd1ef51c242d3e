#!/bin/bash
#SBATCH --job-name=resnet50
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=16
#SBATCH --time=24:00:00
#SBATCH --signal=TERM@120
#SBATCH --output=%x-%j.log

# One process a node; each computes with the node's cores. 120 seconds before the end all are asked to stop, and write a checkpoint.
run=runs/imagenet-resnet50-0
if [ -e "$run/recipe.json" ]; then
  srun --mpi=pmix npx resnet train --resume "$run"
else
  srun --mpi=pmix npx resnet train imagenet --data /data/imagenet --batch-size 64 --out "$run"
fi
