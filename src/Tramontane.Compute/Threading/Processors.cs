namespace Tramontane.Compute.Threading;

/// <summary>What is known of the machine's processors.</summary>
public static class Processors
{
    /// <summary>
    /// Physical cores that this process may use: the sensible number of compute threads, since two threads of one core
    /// share its vector units. Falls back to the number of logical processors where the system does not tell.
    /// </summary>
    public static int PhysicalCoreCount { get; } = CountPhysicalCores();

    private static int CountPhysicalCores()
    {
        const string Root = "/sys/devices/system/cpu";
        try
        {
            if (!Directory.Exists(Root))
            {
                return Environment.ProcessorCount;
            }

            var cores = new HashSet<string>();
            foreach (string cpu in Directory.EnumerateDirectories(Root, "cpu*"))
            {
                string siblings = Path.Combine(cpu, "topology", "thread_siblings_list");
                if (File.Exists(siblings))
                {
                    cores.Add(File.ReadAllText(siblings).Trim());
                }
            }

            // ProcessorCount honours affinity and container limits, which the topology does not show.
            return cores.Count == 0 ? Environment.ProcessorCount : Math.Min(cores.Count, Environment.ProcessorCount);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Environment.ProcessorCount;
        }
    }
}
