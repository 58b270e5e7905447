//! What `brainsweep bifurcate --help` says behind the flags.

/// Examples, what is found, what is left.
pub(super) const HELP: &str = "Examples:
  brainsweep bifurcate fitzhugh-nagumo --vary x_ext=0:2
  brainsweep bifurcate wilson-cowan --set wEE=16 --vary x_ext=-2:4 --and y_ext=-5:5
  brainsweep bifurcate mine.toml --vary parameters.gamma=-3:1 --no-cycles --out gamma
  brainsweep bifurcate hcp_network --vary x_ext=0.7:0.95 --delays --cycles 1
  brainsweep bifurcate hcp_network --set coupling.kind=additive --vary x_ext=-1:1.5
  brainsweep bifurcate hcp_network --set input=0.9 --vary coupling.g=0:2
  brainsweep bifurcate hcp_network --vary x_ext=0.8:1.3 --and coupling.g=0.5:1.5 --delays
  brainsweep bifurcate fitzhugh-nagumo --vary x_ext=0:2 --at x_ext=0.5,0.9
  brainsweep bifurcate fitzhugh-nagumo --from b1/branches.npz:equilibria_1:40 --vary gamma=-2:-0.5
  brainsweep bifurcate hcp_network --vary x_ext=0.7:1.4 --measure 'mean(x)' --measure 'x[31]'
  brainsweep bifurcate fitzhugh-nagumo --vary x_ext=0:2 --at x_ext=0.5 --write-initial rest.toml
  brainsweep bifurcate hindmarsh-rose --set parameters.r=0.006 --vary I=3.5:3.8 --switches 2
  brainsweep bifurcate fitzhugh-nagumo --vary x_ext=0:2 --export auto --out b1
  brainsweep bifurcate fitzhugh-nagumo --vary x_ext=0:2 --mesh 80 --beside b1/b.branches

Numbers go by their keys, or the ends of these where no other number that moves an
equilibrium ends so: gamma for parameters.gamma, x_ext for input.x, the constant input x.

With --vary alone: all equilibria over the range, with every fold, Hopf point and branch
point on them, and the cycles born at Hopf points until they end, with theirs; and the cycles
that simulations settle on at values between the bifurcations, from the study's start, from
beside unstable equilibria and from a few states of the --search box. With --and
also the curves on which folds, Hopf points, folds of cycles, period doublings, tori and
homoclinic connections lie in both parameters, which folds lie on cycles (SNICs), and the
points of codimension two on these. Of a network --and gives the curves of folds and
Hopf points of all nodes at once, with --delays those of the delayed network.

With --from the branch through a saved point is followed both ways, over the same number or
another one, at the numbers that varied there; those that cross it, and cycles, as else. Of a
cycle its branch is followed. With --settle also that of the cycle on which the study settles.

With --at x_ext=0.5,0.9 also the solutions of every branch at exactly these values.
--beside draws what AUTO-07p found, from its b. file, in dotted lines on top in the figures. Its
columns go by their names, or as AUTO counts them: PAR(k), U(k).
--measure chooses what is recorded of every solution, next to its states, and drawn in
measures.svg: the root of the sum of squares of all states (norm), the mean or the sum of a
state or output over all regions or some, one region.

Of a network: the equilibrium that the study's start leads to, of all nodes at once, over
any number of a coupling (coupling.g, coupling.WHICH.NAME where there are several), an
input or a parameter, of all nodes or of one (x_ext[12]); with --delays also
coupling.conduction_speed. Couplings are of any form that is smooth, through one signal or
several, of states or of outputs that depend on states alone. Every Hopf point, fold and
branch point, with its frequency, first Lyapunov coefficient, and where in the network its
eigenvector sits. Equilibria do not depend on delays; their stability does. With --cycles 2 also the cycles born at the
first two Hopf points: without delays by collocation, with their Floquet multipliers and
bifurcations (about half a second each for 80 nodes of two states), and up to 40 states those
that simulations settle on; with --delays by
harmonic balance, of networks of up to 40 states with multipliers and bifurcations, too.
Angles that turn together (model kuramoto, without --delays) are followed where they are
locked, in a frame that turns with the first node's.

What it leaves in its folder, which appears whole when all is written:
  branches.npz     for every branch BRANCH_parameters [n_points, n_parameters],
                   BRANCH_state [n_points, n_states], BRANCH_n_unstable, ...;
                   the documentation of its arrays is in manifest.json
  events.csv       one line per event
  points.csv       one line per point of every branch
  solutions.csv    with --at: one line per solution; a cycle by its state at time 0
  orbits.csv       with --export csv: one line per point in time of every cycle
  b.branches, s.branches
                   with --export auto: as AUTO-07p writes them
  branches.mat     with --export mat: a struct per branch, with MatCont's x, s and f
  modes.csv        networks: on how many nodes each event's eigenvector sits
                   (participation), and the share of every node
  manifest.json    version, every key of the study, settings, how branches end
  *.svg, *.png     figures
  report.html      one page: branches to be zoomed into, with events and orbits

Ctrl-C keeps what is finished, and while figures are drawn, leaves out the others; one more
ends the program at once.";
