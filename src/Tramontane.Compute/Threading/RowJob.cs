namespace Tramontane.Compute.Threading;

/// <summary>Something done for each row on its own, shared out over a team.</summary>
/// <param name="team">Threads.</param>
public sealed class RowJob(ThreadTeam team) : ITeamJob
{
    private Action<int> _body = _ => { };

    /// <summary>Calls <paramref name="body"/> with 0 to <paramref name="count"/>, each once; returns when all are done.</summary>
    public void Run(int count, Action<int> body)
    {
        _body = body;
        team.Run(this, count);
    }

    /// <inheritdoc/>
    void ITeamJob.Execute(int item, int worker) => _body(item);
}
