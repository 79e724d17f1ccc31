// Every scenario has the machine to itself: load and real time say nothing beside others.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
