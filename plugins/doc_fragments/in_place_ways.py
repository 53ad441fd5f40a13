# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to restart a container in place."""

from __future__ import annotations


class ModuleDocFragment:
    """The ways to restart a container in place."""

    DOCUMENTATION = r"""
options:
  via:
    description: How containers are restarted. RV(plan) says for each of them which way it is, and why.
    type: str
    default: auto
    choices:
      auto: >-
        A signal from inside where PID 1 acts on it, V(exec) or else V(sibling). Another name of the image
        (V(image_alias)) where none can be sent, because there is no shell or no permission, or where it would skip a
        preStop hook. Never V(ephemeral) or
        V(restart_all_containers).
      signal: A signal from inside, V(exec) or else V(sibling), and no other way.
      exec: A signal to PID 1 by an exec session in the container itself. The image needs a shell.
      sibling: >-
        A signal by an exec session in another container of the pod, which has to share its PID namespace. It goes to
        the first process of the container, which is not PID 1 there.
      image_alias: >-
        C(spec.containers[].image) of the pod gets another name of the same image, which its node has already, so that
        the kubelet itself stops the container and starts it again. The preStop hook runs, and after SIGTERM and the
        grace period it is killed if it has to be. Needs no shell and no exec. It works in pods that share their PID
        namespace and with every restart policy. The name in the pod differs from the one in its template from then
        on. The annotation C(image.saferestart.k8s/CONTAINER) has the first one, which the next restart takes again.
        If the node turns out not to have the new name, the former one is put back at once. Where a run was ended
        before it could do that, the next one with V(image_alias) or V(auto) does.
      ephemeral: >-
        A signal to PID 1 from an ephemeral container with the image O(ephemeral_image), which is added to the pod and
        shares the PID namespace of the container. Kubernetes never removes it from the pod; it only ends, and one
        whose image cannot be pulled does not even start.
      restart_all_containers: >-
        A signal from inside, V(exec) or else V(sibling), to one container of each pod whose C(restartPolicyRules) have
        the action C(RestartAllContainers) (Kubernetes 1.36, and 1.35 where it was switched on). When that container
        ends with an exit code of the rule, the kubelet ends all others of the pod, without their preStop hooks and with
        2 seconds between SIGTERM and SIGKILL, and starts the pod anew from its first init container on. The pod keeps
        its UID, IP address and volumes, and no container has to wait because it was restarted a short time ago. The
        container is the first of O(containers), or of the pod, that has such a rule and acts on the signal; the others
        need neither a shell nor a handler. A pod without such a rule is refused, and so is one with other containers
        that are not running or have a preStop hook (unless it is to be skipped), and a rule for other exit codes than a
        program mostly ends with on the signal, 0 or 128 and its number (O(force) overrides that). If the container ends
        with another code it alone is restarted, and that is a failure.
    version_added: 0.3.0
  image_alias:
    description:
      - The name to take, for O(via=image_alias) only. It has to be one of the names in the C(status.images) of the
        pod's node of the image that runs. Anything else is refused, since the container would be stopped and not start
        again.
      - Of an image that was loaded onto the node, and not pulled, the runtime may know an ID alone, and no node tells
        which names belong to that. What the pod's own name stands for on its node now is then taken for the image that
        runs, unless that one has been pulled.
      - By default one of the same repository, a digest, or else the only other tag that there is. Several tags are
        refused, because each may come to mean another image.
    type: str
    version_added: 0.3.0
  ephemeral_image:
    description: Image with a shell at O(shell), for O(via=ephemeral) only. The node pulls it unless it has it.
    type: str
    version_added: 0.3.0
notes:
  - "O(remember) and O(on_timeout=rollout): C(patch) of the workload."
  - "O(via=exec): C(get) and C(create) of C(pods/exec)."
  - "O(via=image_alias): C(patch) of C(pods) and C(get) of C(nodes), which only a ClusterRole can grant. Without it
    V(auto) refuses what it cannot signal."
  - "O(via=ephemeral): besides C(pods/exec) also C(patch) of C(pods/ephemeralcontainers), and C(get) and C(create) of
    C(pods/attach)."
  - With O(via=image_alias) a container whose C(imagePullPolicy) is C(Always) is refused.
  - A static pod can only be signalled, from inside. Its object in the API is a mirror, so that V(image_alias) and
    V(ephemeral) are refused.
"""
