"""Muon (K. Jordan 2024): momentum whose step is orthogonalised by a Newton-Schulz iteration; for weight matrices."""
import collections

import torch


def orthogonal(x):
    """[n, rows <= columns] -> nearly orthogonal rows. The iteration needs no more precision than bfloat16."""
    x = (x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)).bfloat16()
    for _ in range(5):
        a = x @ x.mT
        b = torch.baddbmm(a, a, a, beta=-4.7750, alpha=2.0315)
        x = torch.baddbmm(x, b, x, beta=3.4445)
    return x.float()


class Muon(torch.optim.Optimizer):
    def __init__(self, params, lr=0.01, momentum=0.95, decay=0.05):
        super().__init__(params, dict(lr=lr, momentum=momentum, decay=decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            alike = collections.defaultdict(list)  # one batched product for all matrices of a shape
            for p in group["params"]:
                if p.grad is not None:
                    alike[tuple(sorted(p.shape))].append(p)
            for parameters in alike.values():
                self._step(parameters, group["lr"], group["momentum"], group["decay"])

    def _step(self, parameters, lr, momentum, decay):
        steps = []
        for p in parameters:
            state = self.state[p]
            if "m" not in state:
                state["m"] = torch.zeros_like(p)
            state["m"].lerp_(p.grad, 1 - momentum)
            step = p.grad.lerp(state["m"], momentum)
            steps.append(step.mT if p.shape[0] > p.shape[1] else step)
        for p, step in zip(parameters, orthogonal(torch.stack(steps))):
            p.mul_(1 - lr * decay)
            p.add_(step.mT if p.shape[0] > p.shape[1] else step, alpha=-lr * max(1, p.shape[0] / p.shape[1]) ** 0.5)
