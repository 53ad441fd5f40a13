# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may keep a container from starting again: documentation shared by modules that restart in place."""

from __future__ import annotations


class ModuleDocFragment:
    """See _argspec.GATES."""

    DOCUMENTATION = r"""
options:
  gates:
    description:
      - What may keep a container from starting again, and what to do where it is found. V(refuse) is as for a verdict,
        see O(on_refused). V(warn) restarts all the same, with a warning and a note in RV(plan). V(ignore) does
        not look it up.
      - It is looked up for containers that nothing else refuses. What cannot be read, for want of permission, becomes a
        warning and never refuses anything.
      - Whether the exit code decides (C(restartPolicy), C(restartPolicyRules)) is no gate. A container that some exit
        code would leave down is never signalled.
      - Not everything that keeps a container down can be known before. One that does not come back ends the run, so
        that those still to come are safe from it, and with O(canary) only one pod is tried at first.
    type: dict
    suboptions:
      env:
        description:
          - A ConfigMap, a Secret, or a key of one that an environment variable comes from and that is not there. What
            is marked as C(optional) does not count.
          - The container would stay down (C(CreateContainerConfigError)). Once it is there again the container starts
            by itself, at the kubelet's next attempt, which may be five minutes away. Only where a ConfigMap or Secret
            was C(immutable) and is deleted, the node's kubelet may still have it.
          - Volumes are not looked at. They stay mounted.
          - The values in Secrets are not kept. Only the names of their keys are.
        type: str
        default: refuse
        choices: [refuse, warn, ignore]
      image:
        description: >-
          An image that the node no longer has, with the C(imagePullPolicy) V(Never). A node with 50 images or more does
          not tell.
        type: str
        default: refuse
        choices: [refuse, warn, ignore]
      registry:
        description:
          - A registry that has to answer before the container can start. That is so at each start with the
            C(imagePullPolicy) V(Always), and with V(IfNotPresent) where the node no longer has the image.
          - The default is to warn, because each image with the tag C(latest) has V(Always) unless told otherwise, and
            its registry mostly answers. Whether it does only the node can find out. Where it does not the container
            stays down until it does (C(ErrImagePull)), and some minutes more at worst.
        type: str
        default: warn
        choices: [refuse, warn, ignore]
      node:
        description: >-
          A node that is not Ready, is being deleted, or no longer exists. Whether it is cordoned does not matter. The
          pod stays where it is.
        type: str
        default: refuse
        choices: [refuse, warn, ignore]
      pressure:
        description: >-
          A node that is short of memory, disk space or process IDs. Its kubelet starts the container again, and may
          evict pods. The default is to warn, because a restart may be what makes room.
        type: str
        default: warn
        choices: [refuse, warn, ignore]
    version_added: 0.4.0
notes:
  - "O(gates): C(get) of the C(configmaps) and C(secrets) that environment variables come from, and C(get) of C(nodes),
    which only a ClusterRole can grant. One request for each of them, and none for nodes where O(gates.node),
    O(gates.pressure) and O(gates.image) are V(ignore)."
"""
